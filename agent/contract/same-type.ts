/**
 * Proves at compile time that a schema and the interface the cores use say the same: `Assert<Same<Static<typeof Schema>,
 * Model>>` does not compile when they drift apart.
 */
type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Loose<T> = T extends object ? { -readonly [Key in keyof T]: Loose<T[Key]> } : T;

/** Equal but for `readonly`, which says nothing about what is on the wire. */
export type Same<A, B> = Equal<Loose<A>, Loose<B>>;
/** What the model says can be read by the schema, which may leave parts unread. */
export type Readable<Schema, Model> = Loose<Model> extends Schema ? true : false;
export type Assert<Claim extends true> = Claim;
