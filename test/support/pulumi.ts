import * as pulumi from '@pulumi/pulumi';
import { MockMonitor } from '@pulumi/pulumi/runtime/mocks';

/** What a program asks the Pulumi engine to register. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  /** As it is sent: a secret stands in an object of its own that says so. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly parent: string;
  readonly provider: string;
  readonly dependsOn: readonly string[];
  readonly aliases: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deletedWith: string;
  readonly timeouts: { readonly create: string; readonly update: string; readonly delete: string };
}

interface Request {
  getType(): string;
  getName(): string;
  getObject(): { toJavaScript(): Record<string, unknown> };
  getParent(): string;
  getProvider(): string;
  getDependenciesList(): string[];
  getAliasesList(): { getUrn(): string }[];
  getAliasurnsList(): string[];
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletedwith(): string;
  getCustomtimeouts(): { getCreate(): string; getUpdate(): string; getDelete(): string } | undefined;
}

/** The mark of a secret in what is sent to the engine. */
const SECRET = '1b47061264138c4ac30d75fd1eb44270';

/** True for a value that is sent as a secret. */
export function isSecret(value: unknown): value is { readonly value: unknown } {
  return JSON.stringify([value]).startsWith(`[{"4dabf18193072939515e22adb298388d":"${SECRET}"`);
}

/** Runs a program against a mock of the Pulumi engine. Gives what it registered, in order. */
export async function runProgram<T>(
  program: () => T | Promise<T>,
  options: {
    readonly config?: Readonly<Record<string, string>>;
    readonly secretKeys?: readonly string[];
    readonly preview?: boolean;
    /** What a resource says of itself beside its inputs. @default - nothing */
    readonly resource?: (type: string, name: string, inputs: Readonly<Record<string, unknown>>) => object;
    /** What every function of a provider answers. @default - nothing */
    readonly call?: (token: string) => Record<string, unknown>;
  } = {},
): Promise<{ readonly registered: readonly Registered[]; readonly result: T }> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ token }) => options.call?.(token) ?? {},
      newResource: ({ type, name, inputs }) => {
        const given = inputs as Record<string, unknown>;
        return { id: name, state: { ...given, ...options.resource?.(type, name, given) } };
      },
    },
    'bouture',
    'test',
    options.preview ?? false,
  );
  pulumi.runtime.setAllConfig({ ...options.config }, [...(options.secretKeys ?? [])]);
  const { prototype } = MockMonitor;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its monitor below
  const { registerResource } = prototype;
  const spy = jest.spyOn(prototype, 'registerResource').mockImplementation(function (
    this: MockMonitor,
    request: Request,
    callback,
  ) {
    registered.push(describe(request));
    return registerResource.call(this, request, callback);
  });
  try {
    const result = await program();
    await pulumi.runtime.disconnect();
    return { registered, result };
  } finally {
    spy.mockRestore();
  }
}

function describe(request: Request): Registered {
  const timeouts = request.getCustomtimeouts();
  return {
    type: request.getType(),
    name: request.getName(),
    inputs: request.getObject().toJavaScript(),
    parent: request.getParent(),
    provider: request.getProvider(),
    dependsOn: request.getDependenciesList(),
    aliases: [...request.getAliasesList().map((alias) => alias.getUrn()), ...request.getAliasurnsList()],
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    deletedWith: request.getDeletedwith(),
    timeouts: {
      create: timeouts?.getCreate() ?? '',
      update: timeouts?.getUpdate() ?? '',
      delete: timeouts?.getDelete() ?? '',
    },
  };
}
