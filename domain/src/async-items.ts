/** What is at hand, for those who read it as it comes. */
export async function* asyncItems<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}
