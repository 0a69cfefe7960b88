import { Component, type ComponentChild, type ComponentClass, type FunctionComponent } from "preact";

/** Draws again only when a property changed: a long conversation stays quick. */
export function memo<P extends object>(draw: FunctionComponent<P>): ComponentClass<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const now = this.props as Record<string, unknown>;
      return Object.entries(next).some(([name, value]) => now[name] !== value);
    }

    override render(props: P): ComponentChild {
      return draw(props) as ComponentChild;
    }
  }
  return Memo as unknown as ComponentClass<P>;
}
