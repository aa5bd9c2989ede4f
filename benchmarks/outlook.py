"""The table of docs/methods-outlook.md again: how the outlook's methods would have done, unrounded.

Run it from the repository: `python benchmarks/outlook.py`.
"""

from sonla_analysis.definitions.published_rates import published_rates
from sonla_analysis.indicators.backtest import backtest, scores

if __name__ == "__main__":
    print(scores(backtest(published_rates())).to_string(index=False))
