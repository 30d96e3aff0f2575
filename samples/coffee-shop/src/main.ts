import { runShop } from './shop';

const isColoured = process.stdout.isTTY && !process.env.NO_COLOR;

// No process.exit: when the shop has closed nothing is left running, and the process ends by itself.
runShop((line) => console.log(line), isColoured).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
