import { runPostOffice } from './post-office';

const isColoured = process.stdout.isTTY && !process.env.NO_COLOR;

// No process.exit: when the application has stopped nothing is left running, and the process ends by itself.
runPostOffice((line) => console.log(line), isColoured).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
