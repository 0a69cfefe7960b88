"""Rasa's prediction graph without dask: the nodes in the order of their needs, one call after another."""

from collections.abc import Callable
from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.exceptions import GraphComponentException, GraphRunError
from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException

from bot.brain.lighter.known import is_known


class StraightRunner(GraphRunner):  # type: ignore[misc] # Rasa ships no types
    """Runs a graph in the caller's thread; the order for each set of targets is worked out once."""

    def __init__(self, graph_schema: GraphSchema, nodes: dict[str, GraphNode]) -> None:
        self._schema = graph_schema
        self._nodes = nodes
        self._plans: dict[tuple[str, ...], list[_Step]] = {}

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> "StraightRunner":
        nodes = {
            name: GraphNode.from_schema_node(name, node, model_storage, execution_context, hooks)
            for name, node in graph_schema.nodes.items()
        }
        return cls(graph_schema, nodes)

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of `targets`. Raises GraphRunError as dask's runner does."""
        wanted = tuple(targets or self._schema.target_names)
        done: dict[str, Any] = dict(inputs or {})
        try:
            for name, step in self._plan(wanted):
                if name not in done:
                    done[name] = step(done)
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {name: done[name] for name in wanted}

    def _plan(self, targets: tuple[str, ...]) -> list["_Step"]:
        plan = self._plans.get(targets)
        if plan is None:
            nodes = self._schema.minimal_graph_schema(list(targets)).nodes
            order = TopologicalSorter({name: set(node.needs.values()) for name, node in nodes.items()})
            plan = [
                (name, _step(self._nodes[name], nodes[name].needs))
                for name in order.static_order()
                if name in nodes
            ]
            self._plans[targets] = plan
        return plan


_Step = tuple[str, Callable[[dict[str, Any]], Any]]


def _step(node: GraphNode, needs: dict[str, str]) -> Callable[[dict[str, Any]], Any]:
    """Runs a node on what was done before. One that is loaded, and that nobody watches, is its method alone."""
    if not node._eager or node._hooks:  # noqa: SLF001 - it tells nobody, here and below
        whole: Callable[..., tuple[str, Any]] = node
        return lambda done: whole(*((need, done[need]) for need in needs.values() if need in done))[1]
    method, component = node._fn, node._component  # noqa: SLF001
    asked = tuple(needs.items())
    named = node._node_name  # noqa: SLF001

    def run(done: dict[str, Any]) -> Any:
        try:
            given = {name: done[need] for name, need in asked}
        except KeyError as error:
            raise GraphRunError(f"Missing input to run node '{named}'.") from error
        try:
            return method(component, **given)
        except RasaException:
            raise
        except Exception as error:
            raise GraphComponentException(f"Error running graph component for node {named}.") from error

    return run


def runner_class() -> type[GraphRunner]:
    """This runner; Rasa's own for a Rasa that we don't know."""
    return StraightRunner if is_known("a plain runner for the graph") else DaskGraphRunner
