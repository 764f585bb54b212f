// Points in time and durations as words, in the reader's own time zone. Counting down is the caller's business.
import { words } from "../words";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const two = (value: number): string => String(value).padStart(2, "0");

function dayNumber(date: Date): number {
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / (24 * HOUR_MS));
}

/** A calendar date, with the year only when it is another one than `now`'s. */
export function dateWords(date: Date, now: number): string {
  const month = words.months[date.getMonth()] ?? "";
  const year = date.getFullYear();
  return year === new Date(now).getFullYear() ? `${date.getDate()} ${month}` : `${date.getDate()} ${month} ${year}`;
}

/** How long ago an RFC 3339 time was: minutes up to an hour, the clock today, then the day. */
export function ageWords(time: string, now: number): string {
  const then = new Date(time);
  const elapsed = now - then.getTime();
  if (elapsed < MINUTE_MS) return words.time.justNow;
  if (elapsed < HOUR_MS) return words.time.minutesAgo(Math.floor(elapsed / MINUTE_MS));
  const days = dayNumber(new Date(now)) - dayNumber(then);
  if (days === 0) return words.time.at(`${two(then.getHours())}:${two(then.getMinutes())}`);
  return days === 1 ? words.time.yesterday : dateWords(then, now);
}

/** When an RFC 3339 time will be, or that it is over. */
export function untilWords(time: string, now: number): string {
  const then = new Date(time);
  const left = then.getTime() - now;
  if (left <= 0) return words.time.ended(ageWords(time, now));
  if (left < MINUTE_MS) return words.time.inLessThanAMinute;
  if (left < HOUR_MS) return words.time.inMinutes(Math.ceil(left / MINUTE_MS));
  const days = dayNumber(then) - dayNumber(new Date(now));
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (days === 0) return words.time.todayAt(clock);
  return days === 1 ? words.time.tomorrowAt(clock) : words.time.onAt(dateWords(then, now), clock);
}

/** When something that Replug does by itself comes; what is due is done at its next look. */
export function dueWords(at: number, now: number): string {
  return at <= now ? words.time.now : untilWords(new Date(at).toISOString(), now);
}

/** A duration in milliseconds: whole milliseconds below a second, else seconds with one decimal. */
export function durationWords(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** What is left until an RFC 3339 time as minutes and seconds (`9:06`), never below zero. */
export function countdown(until: string, now: number): string {
  const seconds = Math.max(0, Math.ceil((new Date(until).getTime() - now) / 1000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** The last `count` days up to `now` as local calendar dates (`2026-11-20`), oldest first. */
export function lastDays(count: number, now: number): string[] {
  const today = new Date(now);
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(today.getFullYear(), today.getMonth(), today.getDate() - (count - 1 - index));
    return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  });
}
