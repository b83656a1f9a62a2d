/** A host behind the gateways by which it is known whether the branch reaches them; a refusal is an answer too. */
export interface EndToEndTarget {
  readonly address: string;
  readonly port: number;
}
