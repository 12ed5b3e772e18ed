// Parses a stream of text/event-stream in pieces: lines may be split anywhere and have any of the three endings.
// Comments and unused fields are skipped.

export interface ServerEvent {
  id: string | null;
  data: string;
}

export class EventParser {
  #rest = "";
  #data: string[] = [];
  #id: string | null = null;
  readonly #decoder = new TextDecoder();

  /** The events that these bytes complete. */
  read(bytes: Uint8Array): ServerEvent[] {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    // A CR at the end may be the first half of a line ending.
    const end = text.endsWith("\r") ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = lines.pop()! + text.slice(end);
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): ServerEvent[] {
    if (line === "") {
      const data = this.#data;
      this.#data = [];
      return data.length === 0 ? [] : [{ id: this.#id, data: data.join("\n") }];
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    if (field === "id") this.#id = value;
    return [];
  }
}
