import { isIPv4, isIPv6 } from 'node:net';
import type { FormatDefinition } from 'ajv';

const INT32 = 2 ** 31;
const QUANTITY = /^[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const BASE64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const number = (validate: (value: number) => boolean): FormatDefinition<number> => ({ type: 'number', validate });

/** The formats of Kubernetes' OpenAPI documents: what its API server accepts under each. */
export const FORMATS: Readonly<Record<string, FormatDefinition<number> | FormatDefinition<string> | RegExp>> = {
  int32: number((value) => Number.isInteger(value) && value >= -INT32 && value < INT32),
  int64: number((value) => Number.isSafeInteger(value)),
  double: number((value) => Number.isFinite(value)),
  float: number((value) => Number.isFinite(value)),
  byte: BASE64,
  'date-time': DATE_TIME,
  quantity: QUANTITY,
  ipv4: { type: 'string', validate: isIPv4 },
  ipv6: { type: 'string', validate: isIPv6 },
};
