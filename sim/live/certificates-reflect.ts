/**
 * The decorator metadata that tsyringe, below @peculiar/x509, insists on finding when it is loaded.
 *
 * It asks for constructor parameter types and accepts that there are none, which is the case for every class
 * it is given here; so three functions that answer "none" stand in for a whole polyfill. Import this first.
 */
const metadata = {
  getMetadata: () => undefined,
  getOwnMetadata: () => undefined,
  defineMetadata: () => undefined,
};

for (const [name, answer] of Object.entries(metadata)) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value: answer });
}
