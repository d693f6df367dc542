/** What a widget's view gets of its model: anywidget's proxy in a notebook, docs/_static/host.js on the site. */
interface WidgetModel {
  /** True on the site, where no Python answers. */
  static?: boolean;
  /** True of a part of another model, which sends its changes on. */
  inner?: boolean;
  get(name: string): any;
  set(name: string, value: unknown): void;
  set(values: Record<string, unknown>): void;
  save_changes(callbacks?: { iopub: { status: (message: KernelStatus) => void } }): void;
  on(name: string, f: () => void): void;
  off(name: string, f: () => void): void;
}

/** Jupyter's message about a kernel that begins, or ends, to deal with what it was sent. */
interface KernelStatus {
  content: { execution_state: string };
}
