/**
 * What this machine is, read once at start: identity from its certificate, the rest from the host.
 */
export interface Inventory {
  /** Common name of the device certificate; names the device in every topic. */
  readonly serialNumber: string;
  readonly agentVersion: string;
  /** A few facts for support, such as `os`, `kernel`, `cpu`; may be empty. */
  readonly host: Readonly<Record<string, string>>;
}
