/** Notes about desired state and the steps towards it. */
export type StateNote =
  | { readonly code: 'desiredAccepted'; readonly level: 'notice'; readonly revision: number }
  | {
      readonly code: 'desiredRefused';
      readonly level: 'warning';
      readonly reason: string;
      readonly pointer: string;
    }
  | { readonly code: 'stepDone'; readonly level: 'info'; readonly step: string }
  | {
      readonly code: 'stepFailed';
      readonly level: 'warning';
      readonly step: string;
      readonly because: string;
    };
