/**
 * What can move a BFD session: something heard from the far end, silence, or something known besides BFD.
 */
export type BfdCause =
  | 'heardAdminDown'
  | 'heardDown'
  | 'heardInit'
  | 'heardUp'
  /** The Detection Time passed without a valid packet. */
  | 'silence'
  | PathLoss
  | 'disabled'
  | 'enabled';

/** What something besides BFD may know of the path (sections 6.8.15 to 6.8.17). */
export type PathLoss =
  | 'pathDown'
  /** The path goes on beyond the far end, and is broken there. */
  | 'concatenatedPathDown'
  /** The path comes from beyond us, and is broken there. */
  | 'reverseConcatenatedPathDown'
  /** What forwards packets here has been started anew. */
  | 'forwardingPlaneReset';
