// Runs a program in a Windows console of its own, types Ctrl-C there as soon as a text is in its output, and writes its
// exit code and its output to a file, as JSON: a new console replaces the standard output of this process. Arguments:
// the file, the text, and the command.

const [result, text, program, ...args] = Deno.args;
const CTRL_C_EVENT = 0;
/** All processes of the console. */
const ALL = 0;

const { symbols: console } = Deno.dlopen("kernel32.dll", {
  FreeConsole: { parameters: [], result: "i32" },
  AllocConsole: { parameters: [], result: "i32" },
  SetConsoleCtrlHandler: { parameters: ["pointer", "i32"], result: "i32" },
  GenerateConsoleCtrlEvent: { parameters: ["u32", "u32"], result: "i32" },
});

// The former console, if there is one, has the processes of other tests.
console.FreeConsole();
if (console.AllocConsole() === 0) throw new Error("there is no console");
const child = new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "inherit" }).spawn();
let output = "";
let isTyped = false;
for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
  output += piece;
  if (isTyped || !output.includes(text)) continue;
  isTyped = true;
  // This process ignores it. A child would inherit that, so it is started before.
  console.SetConsoleCtrlHandler(null, 1);
  if (console.GenerateConsoleCtrlEvent(CTRL_C_EVENT, ALL) === 0) throw new Error("no event");
}
const { code } = await child.status;
await Deno.writeTextFile(result, JSON.stringify({ code, output, isTyped }));
