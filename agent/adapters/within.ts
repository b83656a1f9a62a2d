/** An answer that is waited for no longer than so long: late ones are not heard any more. */
export async function within<Value>(
  answer: Promise<Value>,
  waitMs: number,
  otherwise: Value,
): Promise<Value> {
  const { promise, resolve } = Promise.withResolvers<Value>();
  const timer = setTimeout(() => resolve(otherwise), waitMs);
  const first = await Promise.race([answer, promise]);
  clearTimeout(timer);
  return first;
}
