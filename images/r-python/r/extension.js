// R in the editor: arity tells what a program means, and a terminal runs it. The extension that most people of R know (REditorSupport.r) and
// the language server that it needs are in no package registry.
const vscode = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

/** The terminal in which R runs, with all that was computed there before. */
function terminal() {
  return (
    vscode.window.terminals.find(({ name, exitStatus }) => name === 'R' && exitStatus === undefined) ??
    vscode.window.createTerminal({ name: 'R', shellPath: 'R', shellArgs: ['--no-save', '--no-restore'] })
  );
}

function run(code) {
  const r = terminal();
  r.show(true);
  r.sendText(code);
}

/** Runs what is selected, or the line with the cursor, and goes on to the next one. */
function runSelection() {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return;
  const { document, selection } = editor;
  if (!selection.isEmpty) {
    run(document.getText(selection));
    return;
  }
  const { text, lineNumber } = document.lineAt(selection.active.line);
  run(text);
  const next = new vscode.Position(Math.min(lineNumber + 1, document.lineCount - 1), 0);
  editor.selection = new vscode.Selection(next, next);
  editor.revealRange(new vscode.Range(next, next));
}

async function runFile() {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined || !(await document.save())) return;
  run(`source(${JSON.stringify(document.fileName)}, echo = TRUE)`);
}

async function activate({ subscriptions }) {
  const client = new LanguageClient(
    'r',
    'R',
    { command: 'arity', args: ['lsp'] },
    { documentSelector: [{ language: 'r' }] },
  );
  subscriptions.push(
    client,
    vscode.commands.registerCommand('r.runSelection', runSelection),
    vscode.commands.registerCommand('r.runFile', runFile),
  );
  await client.start();
}

module.exports = { activate };
