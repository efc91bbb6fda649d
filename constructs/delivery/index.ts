export * from './exposure';
export * from './exposure-tls';
export * from './gateway';
export * from './gateway-exposure';
export * from './ingress-exposure';
