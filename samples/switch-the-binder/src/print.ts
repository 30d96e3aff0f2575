import { styleText } from 'node:util';
import { readings } from './stations';
import type { Report } from './weather';

/** Writes a report as two tables: which way the messages went, and what they said. */
export function printReport({ routes, office }: Report, output: (line: string) => void, isColoured: boolean): void {
  const paint = (style: 'cyan' | 'dim' | 'red', text: string): string => (isColoured ? styleText(style, text) : text);

  output(paint('dim', `  ${'binding'.padEnd(24)}${'destination'.padEnd(24)}binder`));
  for (const { binding, direction, destination, binder } of routes) {
    const way = direction === 'producer' ? '→' : '←';
    output(`  ${binding.padEnd(22)}${way} ${destination.padEnd(24)}${paint('cyan', binder)}`);
  }

  output('');
  output(paint('dim', `  ${'station'.padEnd(12)}${'°F'.padStart(8)}${'°C'.padStart(8)}`));
  for (const { station, number, fahrenheit } of readings) {
    const celsius = office.temperatures.get(`${station} ${number}`)?.celsius;
    const reason = office.refusals.get(`${station} ${number}`)?.reason ?? '';
    const answer = celsius === undefined ? paint('red', `  dead letter: ${reason}`) : celsius.toFixed(1).padStart(8);
    output(`  ${station.padEnd(12)}${fahrenheit.toFixed(1).padStart(8)}${answer}`);
  }

  const { temperatures, refusals } = office;
  output('');
  output(`  ${readings.length} readings: ${temperatures.size} converted, ${refusals.size} in the dead letter`);
}
