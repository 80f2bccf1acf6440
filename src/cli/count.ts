/** Numbers of things. */

/** `1 problem`, `2 problems` */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
