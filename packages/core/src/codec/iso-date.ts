const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;
/** Days from 0000-03-01, where the reckoning begins, to 1970-01-01. */
const DAYS_TO_1970 = 719_468;
const DAYS_PER_ERA = 146_097;
const YEARS_PER_ERA = 400;
const EARLIEST_MS = Date.UTC(1000, 0, 1);
const LATEST_MS = Date.UTC(10_000, 0, 1) - 1;
/** The last day that every month has. */
const SAFE_DAY = 28;

const LENGTH = '2026-01-02T03:04:05.678Z'.length;
const QUOTE = 0x22;
const ZERO = 0x30;
const DASH = 0x2d;
const COLON = 0x3a;
const DOT = 0x2e;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;

const { prototype } = Date;
/** As they are before an application changes them. */
const methods = {
  toJSON: prototype.toJSON,
  toISOString: prototype.toISOString,
  valueOf: prototype.valueOf,
  getTime: prototype.getTime,
} as const;
/** Some applications give all dates another JSON. */
const isEngines = [methods.toJSON, methods.toISOString].every((method) => String(method).includes('[native code]'));

/** `new Date(text)`, without the engine's search for the notation where it is the one of `toISOString()`. */
export function dateOf(text: string): Date {
  if (!hasIsoMarks(text)) return new Date(text);
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const ms = twoDigits(text, 20) * 10 + digit(text, 22);
  // Sums with NaN are NaN, and no comparison with it holds.
  const isCommon =
    year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= SAFE_DAY && hour <= 23 && minute <= 59 && second <= 59;
  if (!isCommon || !(ms >= 0)) return new Date(text);
  const time = hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND + ms;
  return new Date(daysTo(year, month, day) * MS_PER_DAY + time);
}

/** What `JSON.stringify` writes of a date; `undefined` for one that has its own way of being written. */
export function dateJson(date: Date): string | undefined {
  if (!isOrdinary(date)) return undefined;
  const time = date.getTime();
  if (time >= EARLIEST_MS && time <= LATEST_MS) return isoJson(time);
  return Number.isNaN(time) ? 'null' : `"${date.toISOString()}"`;
}

function isOrdinary(date: Date): boolean {
  return (
    isEngines &&
    date.toJSON === methods.toJSON &&
    date.toISOString === methods.toISOString &&
    date.valueOf === methods.valueOf &&
    date.getTime === methods.getTime &&
    date.constructor === Date
  );
}

function hasIsoMarks(text: string): boolean {
  return (
    text.length === LENGTH &&
    text.charCodeAt(4) === DASH &&
    text.charCodeAt(7) === DASH &&
    text.charCodeAt(10) === LETTER_T &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON &&
    text.charCodeAt(19) === DOT &&
    text.charCodeAt(23) === LETTER_Z
  );
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - ZERO;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

/** Years begin in March here, so that the day that is not in each of them is the last. */
function daysTo(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const leaps = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return 365 * marchYear + leaps + Math.floor((153 * marchMonth + 2) / 5) + day - 1 - DAYS_TO_1970;
}

/** The text in quotes, made in one piece: joined ones cost more later. Years of four digits only. */
function isoJson(time: number): string {
  const days = Math.floor(time / MS_PER_DAY);
  const ofDay = time - days * MS_PER_DAY;
  const sinceStart = days + DAYS_TO_1970;
  const era = Math.floor(sinceStart / DAYS_PER_ERA);
  const dayOfEra = sinceStart - era * DAYS_PER_ERA;
  const leapDays = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = era * YEARS_PER_ERA + yearOfEra + (month <= 2 ? 1 : 0);
  const hour = Math.floor(ofDay / MS_PER_HOUR);
  const minute = Math.floor(ofDay / MS_PER_MINUTE) % 60;
  const second = Math.floor(ofDay / MS_PER_SECOND) % 60;
  const ms = ofDay % MS_PER_SECOND;
  const century = Math.floor(year / 100);
  return String.fromCharCode(
    QUOTE,
    tens(century),
    units(century),
    tens(year % 100),
    units(year),
    DASH,
    tens(month),
    units(month),
    DASH,
    tens(day),
    units(day),
    LETTER_T,
    tens(hour),
    units(hour),
    COLON,
    tens(minute),
    units(minute),
    COLON,
    tens(second),
    units(second),
    DOT,
    ZERO + Math.floor(ms / 100),
    tens(ms % 100),
    units(ms),
    LETTER_Z,
    QUOTE,
  );
}

function tens(value: number): number {
  return ZERO + Math.floor(value / 10);
}

function units(value: number): number {
  return ZERO + (value % 10);
}
