/**
 * Where the rotation of one identity stands, and which stage may follow.
 *
 * `base` is the name of the identity it began with, `target` of the one it leads to. The specification of a tunnel may
 * lag behind and still name `base`; it is understood as this rotation until it names something else.
 */

export type RotationStand = 'prepared' | 'switched' | 'retired';

export interface Rotation {
  readonly base: string;
  readonly target: string;
  readonly stand: RotationStand;
}

export type RotationMove = 'prepare' | 'switch' | 'retire' | 'back';

/** From where a move may be made; repeating the last one is allowed, because its answer may have been lost. */
const MAY_FOLLOW: Readonly<Record<Exclude<RotationMove, 'prepare'>, readonly RotationStand[]>> = {
  switch: ['prepared', 'switched'],
  retire: ['switched', 'retired'],
  back: ['prepared', 'switched'],
};

export function mayMove(rotation: Rotation | undefined, move: RotationMove): boolean {
  if (move === 'prepare') return rotation === undefined || rotation.stand === 'retired';
  return rotation !== undefined && MAY_FOLLOW[move].includes(rotation.stand);
}

/** The rotation as far as it concerns a specification that names `named`. */
export function concerning(rotation: Rotation | undefined, named: string): Rotation | undefined {
  return rotation?.base === named || rotation?.target === named ? rotation : undefined;
}

/** The identity that is shown. */
export function shownName(rotation: Rotation | undefined, named: string): string {
  if (rotation === undefined) return named;
  return rotation.stand === 'prepared' ? rotation.base : rotation.target;
}

/** The identity that is accepted beside the shown one. */
export function besideName(rotation: Rotation | undefined): string | undefined {
  if (rotation === undefined || rotation.stand === 'retired') return undefined;
  return rotation.stand === 'prepared' ? rotation.target : rotation.base;
}

/** As the engine's register keeps it, under `prefix`. */
export function rotationFacts(
  prefix: string,
  rotation: Rotation | undefined,
): Readonly<Record<string, string>> {
  if (rotation === undefined) return {};
  const { base, target, stand } = rotation;
  return { [`${prefix}Base`]: base, [`${prefix}Target`]: target, [`${prefix}Stand`]: stand };
}

export function rotationIn(
  prefix: string,
  facts: Readonly<Record<string, string | number>> | undefined,
): Rotation | undefined {
  const base = facts?.[`${prefix}Base`];
  const target = facts?.[`${prefix}Target`];
  const stand = facts?.[`${prefix}Stand`];
  if (typeof base !== 'string' || typeof target !== 'string') return undefined;
  if (stand !== 'prepared' && stand !== 'switched' && stand !== 'retired') return undefined;
  return { base, target, stand };
}
