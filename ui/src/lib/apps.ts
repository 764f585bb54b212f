// The names of AI apps as people know them. An app that is not in the table is shown under the name it has.
const NAMES: Record<string, string> = {
  claude_code: "Claude Code",
  claude_desktop: "Claude Desktop",
  cursor: "Cursor",
  vscode: "VS Code",
  vs_code: "VS Code",
  windsurf: "Windsurf",
  zed: "Zed",
  codex: "Codex",
  gemini_cli: "Gemini CLI",
};

export function appName(id: string): string {
  return NAMES[id.toLowerCase().replaceAll("-", "_")] ?? id;
}
