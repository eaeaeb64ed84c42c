"""The public names and where they live; `__init__.py` loads each when it is first used."""

from . import features as features
from ._core import __version__ as __version__
from .api import choose_k as choose_k
from .api import cluster as cluster
from .audio.spans import Item as Item
from .audio.spans import Span as Span
from .clustering.estimators.kmeans import KMeans as KMeans
from .clustering.estimators.som import SOM as SOM
from .clustering.k_selection import KSelection as KSelection
from .errors import AudioclustError as AudioclustError
from .errors import ConvergenceWarning as ConvergenceWarning
from .errors import DecodeError as DecodeError
from .errors import ItemError as ItemError
from .errors import MissingExtraError as MissingExtraError
from .errors import NoAudioError as NoAudioError
from .errors import NoOnsetsError as NoOnsetsError
from .errors import NothingExtractedError as NothingExtractedError
from .errors import ParameterError as ParameterError
from .errors import PlaybackError as PlaybackError
from .errors import SignalError as SignalError
from .errors import VersionWarning as VersionWarning
from .events.detection import onsets as onsets
from .events.onset_clusters import OnsetClusters as OnsetClusters
from .extraction.analysis import Analysis as Analysis
from .extraction.analysis import Feature as Feature
from .extraction.recordings import extract as extract
from .extraction.registry import FeatureInfo as FeatureInfo
from .extraction.settings import ExtractionSettings as ExtractionSettings
from .extraction.table import FeatureTable as FeatureTable
from .features.onset import onset_backtrack as onset_backtrack
from .features.onset import onset_detect as onset_detect
from .listening.clicks import Sonification as Sonification
from .listening.excerpts import Preview as Preview
from .listening.notebook import Sounds as Sounds
from .plotting.k_selection import KSelectionAxes as KSelectionAxes
from .plotting.pitch import PitchAxes as PitchAxes
from .plotting.pitch import plot_pitch as plot_pitch
from .results.clustering import Clustering as Clustering
from .segmentation.result import Segmentation as Segmentation
from .segmentation.segmenting import segment as segment

__all__: list[str]
