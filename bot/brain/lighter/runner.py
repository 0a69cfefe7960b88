"""Rasa's prediction graph without dask: the nodes in the order of their needs, one call after another."""

from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage

from bot.brain.lighter.known import is_known


class StraightRunner(GraphRunner):  # type: ignore[misc] # Rasa ships no types
    """Runs a graph in the caller's thread; the order for each set of targets is worked out once."""

    def __init__(self, graph_schema: GraphSchema, nodes: dict[str, GraphNode]) -> None:
        self._schema = graph_schema
        self._nodes = nodes
        self._plans: dict[tuple[str, ...], list[tuple[str, tuple[str, ...]]]] = {}

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
        done: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, needs in self._plan(wanted):
                if name not in done:
                    done[name] = self._nodes[name](*(done.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {name: done[name][1] for name in wanted}

    def _plan(self, targets: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        plan = self._plans.get(targets)
        if plan is None:
            nodes = self._schema.minimal_graph_schema(list(targets)).nodes
            order = TopologicalSorter({name: set(node.needs.values()) for name, node in nodes.items()})
            plan = [
                (name, tuple(nodes[name].needs.values())) for name in order.static_order() if name in nodes
            ]
            self._plans[targets] = plan
        return plan


def runner_class() -> type[GraphRunner]:
    """This runner; Rasa's own for a Rasa that we don't know."""
    return StraightRunner if is_known("a plain runner for the graph") else DaskGraphRunner
