/** The backup server of every backend: the way to the next pool. */

export const failoverServer = ':failover';
