"""The demonstration data: real events replayed through the real workflow, marked as demonstration.

Facts and their sources stand in `data/`; what an event does not tell (wordings, figures, persons)
is invented there and marked. Persons carry placeholder names ("Nguyễn Văn A").
"""
