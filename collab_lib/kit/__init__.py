"""What every lesson builds with: pictures, marks, panels, controls, checks. It knows no ratings."""
