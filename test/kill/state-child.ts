// An emulator until it is killed or told to end. Says by a line on stdout where it answers.
import { startEmulator, type StartEmulatorOptions } from "aci-lifecycle/emulator";

const emulator = await startEmulator(JSON.parse(process.argv[2] ?? "{}") as StartEmulatorOptions);
process.once("SIGTERM", () => void emulator.close());
const { endpoint, clientOptions, environment, banner } = emulator;
process.stdout.write(`${JSON.stringify({ endpoint, clientOptions, environment, banner })}\n`);
