/**
 * The real agent with one fault put into it: whoever writes out a value with the word `POISON` in it crashes. It stands
 * for any fault that some stored input sets off; without it the agent has none that we know of.
 */
const stringify = JSON.stringify.bind(JSON);

JSON.stringify = (value: unknown): string => {
  const text = stringify(value);
  if (text?.includes('POISON')) throw new Error('a stored input that crashes whoever takes it up');
  return text;
};

await import('../../../agent/main.ts');
