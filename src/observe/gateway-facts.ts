/** Facts about gateways: who changed them, and what their selectors find. */
import type { Gateway } from '../declared/vamp/gateway.ts';
import type { ServiceId } from '../model/ids.ts';

export type GatewayFact =
  /** Somebody has applied or deleted a gateway, or was refused. */
  | {
      readonly kind: 'gateway-changed';
      readonly service: ServiceId;
      readonly by: string;
      readonly outcome: 'created' | 'changed' | 'unchanged' | 'deleted' | 'refused';
      /** As it is now; null when it is not there. */
      readonly gateway: Gateway | null;
      /** Why it was refused. */
      readonly problems: readonly string[];
    }
  /** The selector of a gateway makes other routes than before. */
  | {
      readonly kind: 'gateway-regrouped';
      readonly service: ServiceId;
      readonly came: readonly string[];
      readonly gone: readonly string[];
      readonly gateway: Gateway;
    };
