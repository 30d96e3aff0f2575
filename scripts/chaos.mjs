// npm run chaos -- --binder kafka --minutes 10 --seed 1: real processes, real brokers, real trouble; nothing may be lost.
import { runChaosProgram } from './chaos-program.mjs';

await runChaosProgram('main.js');
