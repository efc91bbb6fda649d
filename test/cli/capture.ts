/** What a command wrote, and its exit code. */
export interface Captured {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command of the CLI in this process and keeps what it writes. */
export async function capture(
  run: (args: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<number>,
  args: readonly string[],
  options: Readonly<Record<string, unknown>> = {},
): Promise<Captured> {
  const written = { out: '', err: '' };
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written.out += String(text);
      return true;
    }),
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written.err += String(text);
      return true;
    }),
  ];
  try {
    return { code: await run(args, options), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
