// Tools of the system that do something for us, where they are installed: the clipboard's, and those that open
// things.

export type Tool = readonly [command: string, ...args: string[]];

/**
 * Runs a tool, with a text on its standard input if there is one. Resolves to whether it was there and did not say
 * that it failed; one that has not failed after `limitMs` goes on by itself.
 */
export async function runTool([command, ...args]: Tool, limitMs: number, text?: string): Promise<boolean> {
  try {
    const stdin = text === undefined ? "null" : "piped";
    const process = new Deno.Command(command, { args, stdin, stdout: "null", stderr: "null" }).spawn();
    if (text !== undefined) {
      const writer = process.stdin.getWriter();
      await writer.write(new TextEncoder().encode(text));
      await writer.close();
    }
    const { promise: late, resolve } = Promise.withResolvers<{ success: boolean }>();
    const timer = setTimeout(() => resolve({ success: true }), limitMs);
    const { success } = await Promise.race([process.status, late]);
    clearTimeout(timer);
    process.unref();
    return success;
  } catch {
    // Not installed, not allowed, or gone before it read: the next way is tried.
    return false;
  }
}
