"""What offices send → the input tables; what must be asked; letters back.

>>> from sonla_analysis.definitions.folders import sample_folder
>>> tables, findings = read_folder(sample_folder())
>>> len(tables["unit_counts"])
60
"""

from sonla_analysis.intake.folder import read_folder

__all__ = ["read_folder"]
