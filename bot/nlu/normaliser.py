"""First in the pipeline: leaves every message's `Normal` for the components after it."""

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.component import ShopComponent
from bot.nlu.normal import Normal, normal
from bot.nlu.turn import NORMAL, typed


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class ShopperNormaliser(ShopComponent):
    """NFKC, simplified characters, personal numbers and order cards as signs; the text itself stays as typed."""

    learns = False

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for training examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Each message with its `Normal`."""
        for message in messages:
            message.set(NORMAL, normal(typed(message)))
        return messages


def normal_of(message: Message) -> Normal:
    """The message's `Normal`, made here when a pipeline has no normaliser."""
    found = message.get(NORMAL)
    return found if isinstance(found, Normal) else normal(typed(message))
