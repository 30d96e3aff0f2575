// npm run chaos:broken: a guard that has never barked may be asleep.
import { runChaosProgram } from './chaos-program.mjs';

await runChaosProgram('broken.js');
