; The example of the paper's prompts (arXiv 2602.04843, appendix): three blocks, six steps, the same before every puzzle
; and under every naming. For prompt.example with the style paper.
(define (problem paper-example) (:domain blocksworld-4ops)
(:objects a b c)
(:init (clear b) (clear c) (handempty) (on c a) (ontable a) (ontable b))
(:goal (and (on a c) (on b a))))
