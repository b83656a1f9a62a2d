/**
 * When a device whose registration ended counts as gone.
 *
 * A gateway waits this long with its will, and a device that is back earlier was never offline: it moved to another
 * uplink or gateway, and neither side makes an event of it.
 */
export const ABSENCE_MS = 20_000;
