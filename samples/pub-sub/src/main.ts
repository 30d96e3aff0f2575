import { runDay } from './day';

const isColoured = process.stdout.isTTY && !process.env.NO_COLOR;

// No process.exit: when every instance has stopped nothing is left running, and the process ends by itself.
runDay((line) => console.log(line), isColoured).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
