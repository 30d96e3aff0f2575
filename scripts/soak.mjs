// npm run soak -- --binder kafka --minutes 15: the same load for a long time; nothing may grow.
import { runChaosProgram } from './chaos-program.mjs';

await runChaosProgram('soak.js');
