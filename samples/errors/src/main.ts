import { configuration, runPostOffice } from './post-office';

const isColoured = process.stdout.isTTY && !process.env.NO_COLOR;
const [file = 'millrace.yaml'] = process.argv.slice(2);

// No process.exit: when the application has stopped nothing is left running, and the process ends by itself.
runPostOffice(configuration(file), (line) => console.log(line), isColoured).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
