/**
 * What a kernel device that we name may be called.
 *
 * The kernel takes more, `eth0;reboot` among it. Names of others are data wherever they come in; a name that goes out
 * is one that no shell, file path or log can misread. IFNAMSIZ leaves 15 characters.
 */
export const DEVICE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/;
