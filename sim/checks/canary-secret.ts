/** In every key, password and private member of a simulated run (I11). */
export const CANARY_SECRET = 'canary-6f1d0c';
