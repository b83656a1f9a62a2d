/** Notes about routes. */
export type RouteNote =
  | {
      readonly code: 'routesInstalled';
      readonly level: 'info';
      readonly prefixes: number;
      readonly nexthop: string;
    }
  | { readonly code: 'routePutBack'; readonly level: 'warning'; readonly destination: string }
  | {
      readonly code: 'kernelRefused';
      readonly level: 'error';
      readonly operation: string;
      readonly errno: string;
      readonly text: string;
    };
