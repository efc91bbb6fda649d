// Python in the editor: pyright tells what a program means, debugpy runs it step by step. Microsoft's own extension may not be used outside of
// Microsoft's products, and no package registry has another.
const vscode = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

const DEBUGGER = 'debugpy';

/** The interpreter of the person's choice, by default the first on the PATH. */
function interpreter(resource) {
  return vscode.workspace.getConfiguration('python', resource).get('pythonPath') || 'python';
}

/** What is debugged when nobody has written it down: the file in front. */
function currentFile() {
  return {
    type: DEBUGGER,
    request: 'launch',
    name: 'Python: current file',
    program: '${file}',
    console: 'integratedTerminal',
  };
}

/** Runs the file in front in a terminal, where its output stays. */
async function runFile() {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined || !(await document.save())) return;
  const terminal =
    vscode.window.terminals.find(({ name, exitStatus }) => name === 'Python' && exitStatus === undefined) ??
    vscode.window.createTerminal('Python');
  const quoted = [interpreter(document.uri), document.fileName].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  terminal.show();
  terminal.sendText(quoted.join(' '));
}

async function debugFile() {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined || !(await document.save())) return;
  await vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(document.uri), currentFile());
}

function languageClient() {
  const server = { module: require.resolve('pyright/langserver.index.js'), transport: TransportKind.ipc };
  return new LanguageClient('python', 'Python', server, {
    documentSelector: [{ language: 'python' }],
    synchronize: { configurationSection: ['python', 'pyright'] },
  });
}

async function activate({ subscriptions }) {
  const client = languageClient();
  subscriptions.push(
    client,
    vscode.commands.registerCommand('python.runFile', runFile),
    vscode.commands.registerCommand('python.debugFile', debugFile),
    vscode.debug.registerDebugAdapterDescriptorFactory(DEBUGGER, {
      createDebugAdapterDescriptor: ({ workspaceFolder }) =>
        new vscode.DebugAdapterExecutable(interpreter(workspaceFolder?.uri), ['-m', 'debugpy.adapter']),
    }),
    vscode.debug.registerDebugConfigurationProvider(DEBUGGER, {
      resolveDebugConfiguration: (_, configuration) => (configuration.type ? configuration : currentFile()),
    }),
  );
  await client.start();
}

module.exports = { activate };
