import type { Page } from 'playwright-core';

/** What a cell printed; `error` when it failed. */
export interface CellResult {
  readonly output: string;
  readonly error: string | undefined;
}

/** A kernel of a JupyterLab, as the page that is open there talks to it. */
export class Notebook {
  /** Starts a kernel. @param page one that shows the JupyterLab; @param name of the kernel, `ir` for R */
  static async begin(page: Page, token: string, name = 'python3'): Promise<Notebook> {
    const kernel = await page.evaluate(
      async ([given, body]) => {
        const headers = { authorization: `token ${given}` };
        const answer = await fetch('/api/kernels', { method: 'POST', headers, body });
        return ((await answer.json()) as { id: string }).id;
      },
      [token, JSON.stringify({ name })] as const,
    );
    return new Notebook(page, token, kernel);
  }

  private constructor(
    private readonly page: Page,
    private readonly token: string,
    private readonly kernel: string,
  ) {}

  /** Runs a cell that must succeed. @returns what it printed, without the blanks around it */
  async printed(code: string): Promise<string> {
    const { output, error } = await this.cell(code);
    if (error !== undefined) throw new Error(`${error}\n${output}`);
    return output.trim();
  }

  /** Runs a cell. */
  async cell(code: string): Promise<CellResult> {
    return this.page.evaluate(
      async ([text, given, id, host]) => {
        const socket = new WebSocket(`wss://${host}/api/kernels/${id}/channels?token=${given}`);
        const message = crypto.randomUUID();
        try {
          return await new Promise<CellResult>((resolve, reject) => {
            let output = '';
            let error: string | undefined;
            setTimeout(() => {
              reject(new Error(`the cell did not end: ${output}`));
            }, 180_000);
            socket.onerror = () => {
              reject(new Error('the connection to the kernel failed'));
            };
            socket.onopen = () => {
              const header = {
                msg_id: message,
                msg_type: 'execute_request',
                username: '',
                session: message,
                version: '5.3',
              };
              const content = {
                ...{ code: text, silent: false, store_history: false, user_expressions: {} },
                ...{ allow_stdin: false, stop_on_error: true },
              };
              socket.send(
                JSON.stringify({ header, parent_header: {}, metadata: {}, content, channel: 'shell', buffers: [] }),
              );
            };
            socket.onmessage = ({ data }) => {
              const {
                msg_type: type,
                parent_header: parent,
                content,
              } = JSON.parse(String(data)) as {
                msg_type: string;
                parent_header: { msg_id?: string };
                content: { name?: string; text?: string; execution_state?: string; ename?: string; evalue?: string };
              };
              if (parent.msg_id !== message) return;
              if (type === 'stream' && content.name === 'stdout') output += content.text ?? '';
              if (type === 'error') error = `${content.ename ?? ''}: ${content.evalue ?? ''}`;
              if (type === 'status' && content.execution_state === 'idle') resolve({ output, error });
            };
          });
        } finally {
          socket.close();
        }
      },
      [code, this.token, this.kernel, new URL(this.page.url()).host] as const,
    );
  }
}
