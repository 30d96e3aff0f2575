// npm run brokers -- up|down|status|install kafka|rabbitmq|postgres [--json]: brokers, and PostgreSQL, for development; see packages/brokers.
import { install, loadBrokers } from './workspace.mjs';

if (!(await install())) process.exit(1);
const brokers = await loadBrokers();
process.exitCode = brokers === undefined ? 1 : await brokers.main(process.argv.slice(2));
