import { printReport } from './print';
import { configuration, runWeather } from './weather';

const isColoured = process.stdout.isTTY && !process.env.NO_COLOR;
const [file = 'millrace.yaml'] = process.argv.slice(2);

// No process.exit: when the application has stopped nothing is left running, and the process ends by itself.
runWeather(configuration(file)).then(
  (report) => {
    console.log(file);
    printReport(report, (line) => console.log(line), isColoured);
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
