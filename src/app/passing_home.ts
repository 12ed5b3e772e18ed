// A home of pli for one run alone, in the system's folder for temporary files; removed with all that is in it.

import { Home } from "./home.ts";

export class PassingHome implements AsyncDisposable {
  private constructor(readonly home: Home) {}

  /** Makes one. Throws `home_*`. */
  static async create(): Promise<PassingHome> {
    const path = await Deno.makeTempDir({ prefix: "pli-home-" });
    return new PassingHome(await Home.open((name) => name === "PLI_HOME" ? path : undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.home.path, { recursive: true });
  }
}
