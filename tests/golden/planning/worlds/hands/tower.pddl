(define (problem tower) (:domain hands)
  (:objects a b c - small d - large)
  (:init (on a b) (covered b) (down b) (on c d) (covered d) (down d))
  (:goal (and (on b d) (on a b) (down c) (not (busy right)))))
