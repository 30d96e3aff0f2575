import { build, install } from './workspace.mjs';

if (!((await install()) && (await build()))) process.exit(1);
